using System.Reflection;
using System.Runtime.Loader;
using PublicApiGenerator;
using VpnWs.Server;
using VpnWs.Tests.Hosting;

namespace VpnWs.Tests.Module;

/// <summary>The module's public surface equals its snapshot, so that a change to it is seen and meant.</summary>
public sealed class PublicSurfaceTests
{
    private const string Snapshot = "PublicSurface.VpnWs.PowerShell.txt";

    [Fact]
    public void The_public_surface_of_the_module_is_the_snapshot()
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false };
        var actual = WithReferences(ModuleFiles.Compiled).GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var received = Path.Combine(AppContext.BaseDirectory, "received-" + Snapshot);
        File.WriteAllText(received, actual);
        var expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Module", Snapshot)).ReplaceLineEndings("\n");
        Assert.True(expected == actual, $"The public surface changed. If that is meant, copy {received} over tests/VpnWs.PowerShell.Tests/Module/{Snapshot}.");
    }

    /// <summary>The same assembly in a folder with all that it refers to, where the generator looks.</summary>
    private static Assembly WithReferences(Assembly assembly)
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "surface")).FullName;
        foreach (var file in (string[])[assembly.Location, typeof(VpnWsServer).Assembly.Location, PowerShellAssemblies.ReferencePath])
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        return new AssemblyLoadContext("surface").LoadFromAssemblyPath(Path.Combine(folder, Path.GetFileName(assembly.Location)));
    }
}
