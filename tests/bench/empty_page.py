"""A page without anything: what Streamlit itself costs, for `reruns.py` to tell how fast the machine is."""
