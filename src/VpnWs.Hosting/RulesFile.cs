using VpnWs.Switching.Guards;

namespace VpnWs.Hosting;

/// <summary>Reads the file of rules for peers. The PowerShell module is built with this file too.</summary>
internal static class RulesFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ProgramException">It cannot be read, or is broken; the message says in which line, and how.</exception>
    public static PeerRules Load(string path)
    {
        try
        {
            return PeerRules.Parse(TextFile.ReadBytes(path));
        }
        catch (FormatException e)
        {
            throw new ProgramException($"{path}: {e.Message}", innerException: e);
        }
    }
}
