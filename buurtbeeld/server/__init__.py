"""What `dashboard.py` puts around Streamlit: its page in two languages, map files, health, guards and the log."""
