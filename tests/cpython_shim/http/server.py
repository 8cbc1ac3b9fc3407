"""The class of HTTP servers that CPython's asyncio tests derive theirs from."""
import socketserver


class HTTPServer(socketserver.TCPServer):
    def server_bind(self):
        super().server_bind()
        if isinstance(self.server_address, tuple):
            self.server_name, self.server_port = self.server_address[:2]
