namespace VpnWs.Tests.Framework;

/// <summary>Whether our programs speak of offload where a test does not say.</summary>
internal static class OffloadSwitch
{
    private const string Variable = "VPNWS_TEST_OFFLOAD";
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>On, unless the environment says <c>VPNWS_TEST_OFFLOAD=off</c>.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "on" => true,
        "off" => false,
        var other => throw new InvalidOperationException($"{Variable} is '{other}': set it to on or off."),
    };

    /// <summary>
    /// The programs as they are; where offload is off, scripts of the same names that start them with <c>--no-offload</c>.
    /// Scripts, because examples and helpers start the programs too, by their names on the PATH.
    /// </summary>
    /// <param name="programs">The programs.</param>
    /// <param name="folder">Where the scripts are made.</param>
    public static ProgramPair Apply(ProgramPair programs, string folder)
    {
        // The C programs know no offload.
        if (IsOn || programs.IsClassic) return programs;
        Directory.CreateDirectory(folder);
        return new ProgramPair(Write(programs.Server), Write(programs.Client), false);

        string Write(string program)
        {
            var script = Path.Combine(folder, Path.GetFileName(program));
            File.WriteAllText(script, $"#!/bin/sh\nexec '{program}' --no-offload \"$@\"\n");
            File.SetUnixFileMode(script, Executable);
            return script;
        }
    }
}
