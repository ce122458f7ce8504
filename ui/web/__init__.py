"""The web page of a library: Gradio over the gateway, pictures over plain HTTP."""
