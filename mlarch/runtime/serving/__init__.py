"""Serving: one plain ASGI app, hosted by uvicorn for the inner loop and by Ray Serve in production."""
