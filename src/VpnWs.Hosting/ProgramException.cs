namespace VpnWs.Hosting;

/// <summary>Ends a program with one line on its standard error and an exit code.</summary>
internal class ProgramException(string message, ExitCode code = ExitCode.Failed, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The exit code to end with.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>Says that the command line is wrong.</summary>
    public static ProgramException Usage(string message) => new(message, ExitCode.Usage);
}
