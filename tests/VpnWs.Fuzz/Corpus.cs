namespace VpnWs.Fuzz;

/// <summary>The seeds of a target, and the inputs with new results that were made of them.</summary>
internal sealed class Corpus
{
    private const int MostKept = 4096;

    private readonly List<byte[]> _inputs;
    private readonly HashSet<int> _results = [];

    private Corpus(List<byte[]> seeds) => _inputs = seeds;

    /// <summary>The inputs.</summary>
    public IReadOnlyList<byte[]> Inputs => _inputs;

    /// <summary>How many different results there were.</summary>
    public int Results => _results.Count;

    /// <summary>Reads the seeds of a target: a line each, in hex, or after a quote as text in which \r, \n and \0 stand for those characters.</summary>
    public static Corpus Load(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Seeds", name + ".txt"));
        return new Corpus([.. lines.Where(line => line.Length > 0 && line[0] != '#').Select(Parse)]);
    }

    /// <summary>Notes a result; the input is kept where it is a new one.</summary>
    public void Note(byte[] input, int result)
    {
        if (_inputs.Count < MostKept && _results.Add(result)) _inputs.Add(input);
    }

    private static byte[] Parse(string line) => line[0] == '"'
        ? System.Text.Encoding.UTF8.GetBytes(line[1..].Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\0", "\0", StringComparison.Ordinal))
        : Convert.FromHexString(line.Replace(" ", "", StringComparison.Ordinal));
}
