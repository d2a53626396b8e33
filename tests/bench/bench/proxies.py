"""nginx in front of a server, and certificates for an hour."""

from .processes import run, wait_until
from .world import HUB_ADDRESS

_NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    server {{
        listen {address}:{port}{tls};
        location {path} {{
            include /etc/nginx/uwsgi_params;
            uwsgi_pass unix:{folder}/vpn.sock;
            uwsgi_read_timeout 600s;
            {buffer}
        }}
    }}
}}
"""


def start_nginx(world, setup, path, tls):
    """nginx with one worker in front of vpn.sock; returns it and the URL that leads through it."""
    port = 8443 if tls else 8081
    certificate = ""
    if tls:
        throw_away_certificates(world)
        certificate = f" ssl; ssl_certificate {world.path('server.pem')}; ssl_certificate_key {world.path('server.key')}"
    buffer = f"uwsgi_buffer_size {setup.nginx_buffer}; uwsgi_buffers 8 {setup.nginx_buffer};" if setup.nginx_buffer else ""
    configuration = world.write("nginx.conf", _NGINX.format(
        folder=world.folder, address=HUB_ADDRESS, port=port, tls=certificate, path=path, buffer=buffer))
    nginx = world.hub.start("nginx", "nginx", "-e", world.path("nginx-errors.log"), "-c", configuration)
    wait_until("listener of nginx", lambda: world.hub.listens(port), process=nginx)
    return nginx, f"{'wss' if tls else 'ws'}://{HUB_ADDRESS}:{port}{path}"


def throw_away_certificates(world):
    """ca.pem, and server and client certificates by it, in the world's folder."""
    authority, key = world.path("ca.pem"), world.path("ca.key")
    run(["openssl", "req", "-x509", *_new_key(key), "-out", authority, "-subj", "/CN=bench authority", "-days", "1"])
    for name, use in (("server", "serverAuth"), ("client", "clientAuth")):
        request, extensions = world.path(f"{name}.csr"), world.write(
            f"{name}.ext", f"subjectAltName=IP:{HUB_ADDRESS}\nextendedKeyUsage={use}\nkeyUsage=digitalSignature\n")
        run(["openssl", "req", "-new", *_new_key(world.path(f"{name}.key")), "-out", request, "-subj", f"/CN={name}"])
        run(["openssl", "x509", "-req", "-in", request, "-CA", authority, "-CAkey", key, "-CAcreateserial", "-days", "1",
             "-extfile", extensions, "-out", world.path(f"{name}.pem")])


def _new_key(path):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]
