using PublicApiGenerator;
using VpnWs.Server;

namespace VpnWs.Tests.Architecture;

/// <summary>The engine's public surface equals its snapshot, so that a change to it is seen and meant.</summary>
public sealed class PublicSurfaceTests
{
    private const string Snapshot = "PublicSurface.VpnWs.Engine.txt";

    [Fact]
    public void The_public_surface_of_the_engine_is_the_snapshot()
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false };
        var actual = typeof(VpnWsServer).Assembly.GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var received = Path.Combine(AppContext.BaseDirectory, "received-" + Snapshot);
        File.WriteAllText(received, actual);
        var expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Architecture", Snapshot)).ReplaceLineEndings("\n");
        Assert.True(expected == actual, $"The public surface changed. If that is meant, copy {received} over tests/VpnWs.Engine.Tests/Architecture/{Snapshot}.");
    }
}
