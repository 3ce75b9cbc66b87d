"""The embedded dashboard, a Streamlit app: `make dashboard`."""
