using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace VpnWs.Tests.Hosting;

/// <summary>Finds the assemblies of PowerShell at run time: beside the tests (built with the SDK package), else in the pwsh on the PATH, else, to read attributes only, in the package we compile against.</summary>
internal static class PowerShellAssemblies
{
    private const string Automation = "System.Management.Automation";

    /// <summary>The folder of the PowerShell that can be hosted; null where there is none.</summary>
    public static string? Home { get; } = Candidates().FirstOrDefault(static folder => File.Exists(Path.Combine(folder, Automation + ".dll")));

    /// <summary>The assembly that we compile against, to read and not to run.</summary>
    public static string ReferencePath => Path.Combine(ReferenceFolder ?? Home!, Automation + ".dll");

    /// <summary>Skips a test where there is no PowerShell to host.</summary>
    public static void Require() => Assert.SkipWhen(Home is null, "there is no pwsh on the PATH to host");

#pragma warning disable CA2255 // It must come before the first test touches a type of PowerShell.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize() => AssemblyLoadContext.Default.Resolving += static (context, name) =>
    {
        IEnumerable<string?> folders = name.Name == Automation ? [Home, ReferenceFolder] : [Home];
        var path = folders.OfType<string>().Select(folder => Path.Combine(folder, name.Name + ".dll")).FirstOrDefault(File.Exists);
        return path is null ? null : context.LoadFromAssemblyPath(path);
    };

    private static string? ReferenceFolder => typeof(PowerShellAssemblies).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(static data => data.Key == "PowerShellStandard")?.Value;

    private static IEnumerable<string> Candidates()
    {
        // Where the SDK package puts them.
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", OperatingSystem.IsWindows() ? "win" : "unix", "lib", $"net{Environment.Version.Major}.0");
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var program = new FileInfo(Path.Combine(folder, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh"));
            if (program.Exists && (program.ResolveLinkTarget(returnFinalTarget: true) ?? program) is FileInfo { DirectoryName: { } home }) yield return home;
        }
    }
}
