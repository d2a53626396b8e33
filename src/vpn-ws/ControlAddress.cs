using VpnWs.Server;
using VpnWs.Transport;

namespace VpnWs.ServerProgram;

/// <summary>Where a control interface is: at a server's own address or at a URL.</summary>
internal sealed record ControlAddress(ListenAddress? Address, Uri? Uri)
{
    /// <summary>Reads an address; no message shows a URL, since there may be a password in it.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static ControlAddress Parse(string text)
    {
        if (!text.Contains("://", StringComparison.Ordinal)) return new ControlAddress(ListenAddress.Parse(text), null);
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new ControlAddress(null, uri)
            : throw new FormatException("the URL is no http:// or https:// one");
    }

    /// <summary>Makes a client for it.</summary>
    public ControlClient Open() => Address is not null ? ControlClient.OverSocket(Address) : ControlClient.OverHttp(Uri!);

    /// <summary>Shows no credentials.</summary>
    public override string ToString() => Address?.Text ?? Uri!.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
