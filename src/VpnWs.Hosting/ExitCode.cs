namespace VpnWs.Hosting;

/// <summary>What the programs' exit codes mean. Those from 3 on are told by a client that runs with <c>--once</c>.</summary>
internal enum ExitCode
{
    /// <summary>Stopped as asked.</summary>
    Done = 0,

    /// <summary>It could not start, or failed in a way that has no code of its own.</summary>
    Failed = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>The server or proxy wants other credentials.</summary>
    Authentication = 3,

    /// <summary>A certificate was not accepted.</summary>
    Certificate = 4,

    /// <summary>The server did not answer, or not in time.</summary>
    Unreachable = 5,

    /// <summary>The server answered, but not with a WebSocket.</summary>
    Refused = 6,

    /// <summary>There was a link, and it ended.</summary>
    LinkEnded = 7,
}
