namespace VpnWs.Tests.Framework;

/// <summary>A real nginx with a configuration of its own, run in a namespace.</summary>
internal sealed class Nginx : IDisposable
{
    private const string SystemParameters = "/etc/nginx/uwsgi_params";

    private readonly ProcessUnderTest _process;

    /// <param name="where">The namespace that it listens in.</param>
    /// <param name="scratch">Where its configuration and its files go.</param>
    /// <param name="server">The inside of the one <c>server</c> block.</param>
    public Nginx(NetworkNamespace where, Scratch scratch, string server)
    {
        Requires.Tool("nginx");
        File.Copy(SystemParameters, scratch.PathOf("uwsgi_params"), overwrite: true);
        // The workers stay root so that they may read keys in a folder of root's.
        var file = scratch.Write("nginx.conf", $$"""
            user root;
            worker_processes 1;
            daemon off;
            pid nginx.pid;
            error_log stderr warn;
            events { worker_connections 1024; }
            http {
                log_format names 'sni=$ssl_server_name host=$host user=$remote_user status=$status';
                access_log /dev/stdout names;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                server {
            {{server}}
                }
            }
            """);
        _process = where.Start("nginx", "-p", scratch.Folder, "-c", file, "-e", "stderr");
    }

    public ProcessUnderTest Process => _process;

    public void Dispose()
    {
        // Killed outright, the master would leave its workers behind.
        _process.Signal(UnixSignal.Terminate);
        _process.WaitForExit();
        _process.Dispose();
    }
}
