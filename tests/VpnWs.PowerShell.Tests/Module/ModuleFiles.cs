using System.Reflection;
using System.Text.RegularExpressions;
using VpnWs.PowerShell;

namespace VpnWs.Tests.Module;

/// <summary>The module as it lies in the repository and as it was built.</summary>
internal static partial class ModuleFiles
{
    /// <summary>The folder of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The module's assembly.</summary>
    public static Assembly Compiled => typeof(ModuleLife).Assembly;

    /// <summary>Where building leaves the importable module.</summary>
    public static string Built => Path.Combine(Root, "artifacts", "module", "VpnWs");

    /// <summary>The text of a file of the folder <c>module</c>.</summary>
    public static string Text(string name) => File.ReadAllText(Path.Combine(Root, "module", name)).ReplaceLineEndings("\n");

    /// <summary>The strings of a list in the manifest, such as <c>CmdletsToExport</c>.</summary>
    public static IReadOnlyList<string> List(string key)
    {
        var list = Regex.Match(Text("VpnWs.psd1"), $@"^\s*{key}\s*=\s*@\((.*?)\)", RegexOptions.Singleline | RegexOptions.Multiline);
        Assert.True(list.Success, $"The manifest has no list {key}.");
        return [.. Quoted().Matches(list.Groups[1].Value).Select(static match => match.Groups[1].Value)];
    }

    /// <summary>A string of the manifest, such as <c>ModuleVersion</c>.</summary>
    public static string Value(string key) => Regex.Match(Text("VpnWs.psd1"), $@"^\s*{key}\s*=\s*'(.*)'", RegexOptions.Multiline).Groups[1].Value;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "VpnWs.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests are not within the repository.");
    }

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quoted();
}
