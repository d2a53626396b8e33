using VpnWs.Server;

namespace VpnWs.Tests.Architecture;

/// <summary>The three laws of the house, read from the compiled engine.</summary>
public sealed class FloorTests
{
    private static readonly CompiledReferences Engine = new(typeof(VpnWsServer).Assembly);

    /// <summary>Types that do input or output, wait, or tell the time: none of the core's business. Locks, memory and randomness are.</summary>
    private static readonly string[] Forbidden =
    [
        "System.Net.Sockets.", "System.IO.Stream", "System.IO.File", "System.IO.Pipes.", "System.IO.Pipelines.", "System.Net.Http.", "System.Net.Security.",
        "System.Threading.Tasks.", "System.Threading.Thread", "System.Threading.Timer", "System.Threading.PeriodicTimer", "System.Threading.Channels.",
        "System.Diagnostics.Stopwatch", "System.Diagnostics.Process", "System.TimeProvider", "System.DateTime", "System.DateTimeOffset", "System.Console", "System.Environment",
    ];

    /// <summary>A mere name of a kind of address, which the generated code that reads IP addresses from JSON mentions.</summary>
    private const string Harmless = "System.Net.Sockets.AddressFamily";

    [Fact]
    public void Every_namespace_of_the_engine_has_a_floor()
    {
        var homeless = Engine.All().Select(pair => pair.Namespace).Distinct().Where(name => Floors.Of(name) is null);
        Assert.Empty(homeless);
    }

    [Fact]
    public void Arrows_point_down()
    {
        var upward = Engine.All()
            .Where(pair => pair.Target.Assembly == typeof(VpnWsServer).Assembly && pair.Target.Namespace is { } target && Floors.Of(target) > Floors.Of(pair.Namespace))
            .Select(pair => $"{pair.Namespace} -> {pair.Target.FullName}");
        Assert.Empty(upward);
    }

    [Fact]
    public void The_core_knows_no_socket_stream_task_or_clock()
    {
        var outward = Engine.All()
            .Where(pair => Floors.IsCore(pair.Namespace) && Forbidden.Any(name => IsOf(pair.Target.FullName, name)) && pair.Target.FullName != Harmless)
            .Select(pair => $"{pair.Namespace} -> {pair.Target.FullName}");
        Assert.Empty(outward);
    }

    [Fact]
    public void The_engine_depends_on_the_base_class_library_alone()
    {
        var trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var library = trusted.Where(path => Path.GetDirectoryName(path) == framework).Select(Path.GetFileNameWithoutExtension).ToHashSet();
        Assert.DoesNotContain(Engine.Assemblies(), name => !library.Contains(name));
    }

    [Fact]
    public void The_reading_of_references_sees_what_code_uses()
    {
        // Were the reader blind, the tests above would pass whatever the code did.
        var all = Engine.All();
        Assert.Contains(all, pair => pair.Namespace == "VpnWs.Transport" && pair.Target.FullName == "System.Net.Sockets.Socket");
        Assert.Contains(all, pair => pair.Namespace == "VpnWs.Server" && pair.Target.FullName == "VpnWs.Switching.VirtualSwitch");
        Assert.Contains(all, pair => pair.Namespace == "VpnWs.Server" && pair.Target.FullName == "System.Environment");
        Assert.Contains("System.Net.Sockets", Engine.Assemblies());
    }

    private static bool IsOf(string? type, string name) =>
        type is not null && (name.EndsWith('.') ? type.StartsWith(name, StringComparison.Ordinal) : type == name || type.StartsWith(name + "+", StringComparison.Ordinal));
}
