using PublicApiGenerator;

namespace VpnWs.Tests.Module;

/// <summary>The module's public surface equals its snapshot, so that a change to it is seen and meant.</summary>
public sealed class PublicSurfaceTests
{
    private const string Snapshot = "PublicSurface.VpnWs.PowerShell.txt";

    [Fact]
    public void The_public_surface_of_the_module_is_the_snapshot()
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false };
        var actual = ModuleFiles.Compiled.GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var received = Path.Combine(AppContext.BaseDirectory, "received-" + Snapshot);
        File.WriteAllText(received, actual);
        var expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Module", Snapshot)).ReplaceLineEndings("\n");
        Assert.True(expected == actual, $"The public surface changed. If that is meant, copy {received} over tests/VpnWs.PowerShell.Tests/Module/{Snapshot}.");
    }
}
