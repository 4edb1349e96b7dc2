"""The HTTP and WebSocket service. ``api.app.create_app(settings)`` builds it."""
