using System.Xml.Linq;

namespace VpnWs.Tests.Module;

/// <summary>The manifest tells what the module is, and no more.</summary>
public sealed class ManifestTests
{
    [Fact]
    public void The_exports_are_the_compiled_cmdlets()
    {
        Assert.Equal(CompiledCmdlet.All.Select(static cmdlet => cmdlet.Name), ModuleFiles.List("CmdletsToExport").Order(StringComparer.Ordinal));
        Assert.Empty(ModuleFiles.List("FunctionsToExport"));
        Assert.Empty(ModuleFiles.List("AliasesToExport"));
        Assert.Empty(ModuleFiles.List("VariablesToExport"));
    }

    [Fact]
    public void The_version_is_that_of_the_assembly() =>
        Assert.Equal(ModuleFiles.Compiled.GetName().Version!.ToString(3), ModuleFiles.Value("ModuleVersion"));

    [Fact]
    public void It_says_what_a_gallery_asks_for()
    {
        Assert.Equal("7.6", ModuleFiles.Value("PowerShellVersion"));
        Assert.Equal(["Core"], ModuleFiles.List("CompatiblePSEditions"));
        foreach (var key in (string[])["GUID", "Author", "Description", "LicenseUri", "ReleaseNotes"]) Assert.NotEmpty(ModuleFiles.Value(key));
        Assert.Contains("PSEdition_Core", ModuleFiles.List("Tags"));
    }

    /// <summary>A project page is named once it is there, in Directory.Build.props. Until then a gallery is told of none: the predecessor's page is not ours to claim, and a made-up one leads nowhere.</summary>
    [Fact]
    public void Its_project_link_is_the_page_that_the_project_has_or_none()
    {
        var page = (string?)XDocument.Load(Path.Combine(ModuleFiles.Root, "Directory.Build.props")).Descendants("PackageProjectUrl").SingleOrDefault();
        Assert.Equal(page ?? "", ModuleFiles.Value("ProjectUri"));
        Assert.DoesNotContain("unbit", ModuleFiles.Value("ProjectUri"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_built_is_the_list_of_files_and_nothing_else()
    {
        var built = Directory.EnumerateFiles(ModuleFiles.Built, "*", SearchOption.AllDirectories).Select(static path => Path.GetRelativePath(ModuleFiles.Built, path).Replace('\\', '/'));
        Assert.Equal(ModuleFiles.List("FileList").Order(StringComparer.Ordinal), built.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_module_depends_on_the_base_class_library_and_PowerShell_alone()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var foreign = ModuleFiles.Compiled.GetReferencedAssemblies().Select(static name => name.Name!)
            .Where(name => !File.Exists(Path.Combine(framework, name + ".dll")));
        Assert.Equal(["System.Management.Automation", "VpnWs.Engine"], foreign.Order(StringComparer.Ordinal));
    }
}
