"""The servers that CPython's asyncio tests talk to: one connection after the other."""
import selectors
import socket
import threading


class BaseServer:
    timeout = None

    def __init__(self, server_address, RequestHandlerClass):
        self.server_address = server_address
        self.RequestHandlerClass = RequestHandlerClass
        self._stop = threading.Event()
        self._stopped = threading.Event()

    def serve_forever(self, poll_interval=0.5):
        self._stopped.clear()
        self._stop.clear()
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self, selectors.EVENT_READ)
                while not self._stop.is_set():
                    if selector.select(poll_interval) and not self._stop.is_set():
                        self.handle_one()
        finally:
            self._stopped.set()

    def shutdown(self):
        self._stop.set()
        self._stopped.wait()

    def handle_one(self):
        try:
            request, address = self.get_request()
        except OSError:
            return
        try:
            self.finish_request(request, address)
        except Exception:
            self.handle_error(request, address)
        finally:
            request.close()

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, self)

    def handle_error(self, request, client_address):
        raise

    def fileno(self):
        return self.socket.fileno()


class TCPServer(BaseServer):
    address_family = socket.AF_INET
    request_queue_size = 5

    def __init__(self, server_address, RequestHandlerClass, bind_and_activate=True):
        super().__init__(server_address, RequestHandlerClass)
        self.socket = socket.socket(self.address_family, socket.SOCK_STREAM)
        if bind_and_activate:
            self.server_bind()
            self.socket.listen(self.request_queue_size)

    def server_bind(self):
        if self.address_family == socket.AF_INET:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def server_close(self):
        self.socket.close()

    def get_request(self):
        return self.socket.accept()


class UnixStreamServer(TCPServer):
    address_family = socket.AF_UNIX
