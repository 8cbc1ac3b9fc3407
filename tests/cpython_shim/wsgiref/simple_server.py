"""A server that calls an application for each request: as much of WSGI as CPython's asyncio tests use."""
from http.server import HTTPServer


class WSGIServer(HTTPServer):
    application = None

    def set_app(self, application):
        self.application = application


class WSGIRequestHandler:
    def __init__(self, request, client_address, server):
        self.request = request
        self.client_address = client_address
        self.server = server
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = request.recv(4096)
            if not chunk:
                return
            data += chunk
        method, target, _ = data.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        path, _, query = target.partition("?")
        head = []

        def start_response(status, headers):
            head.append((status, headers))

        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        body = b"".join(self.server.application(environ, start_response))
        status, headers = head[0]
        lines = [f"HTTP/1.0 {status}", *(f"{name}: {value}" for name, value in headers)]
        if not any(name.lower() == "content-length" for name, _ in headers):
            lines.append(f"Content-Length: {len(body)}")
        request.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
