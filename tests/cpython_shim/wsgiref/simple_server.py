"""A server that calls an application for each request: as much of WSGI as CPython's asyncio tests use."""
from http.server import HTTPServer


class WSGIServer(HTTPServer):
    application = None

    def setup_environ(self):
        """The environment is made for each request."""

    def set_app(self, application):
        self.application = application


class WSGIRequestHandler:
    def __init__(self, request, client_address, server):
        self.request = request
        self.client_address = client_address
        self.server = server
        with request.makefile("rb") as file:
            self.handle(file)

    def handle(self, file):
        line = file.readline().decode("latin-1").split()
        if not line:
            return
        method, target = line[:2]
        path, _, query = target.partition("?")
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": file}
        while field := file.readline().strip():
            name, _, value = field.decode("latin-1").partition(":")
            if name.lower() == "content-length":
                environ["CONTENT_LENGTH"] = value.strip()
        head = []

        def start_response(status, headers):
            head.append((status, headers))

        for block in self.server.application(environ, start_response):
            if head:
                status, headers = head.pop()
                lines = [f"HTTP/1.0 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
                self.request.sendall("\r\n".join(lines).encode("latin-1"))
            self.request.sendall(block)
