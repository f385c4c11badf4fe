"""The page of now: what each sensor last said, in which state it is, and what the page tells of it. No Streamlit."""
