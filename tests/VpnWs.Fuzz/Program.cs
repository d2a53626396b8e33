using System.Globalization;
using VpnWs.Fuzz;
using VpnWs.Fuzz.Targets;

// Feeds what takes bytes from strangers; see tests/fuzz.sh.
FuzzTarget[] targets = [new FrameTarget(), new UwsgiTarget(), new HttpTarget(), new OffloadTarget(), new ControlTarget(), new AnswerTarget(), new GuardTarget(), new RulesTarget()];
var (inputs, seed, wanted, replay) = (100_000L, 1, "", "");
for (var i = 0; i < args.Length; i += 2)
{
    var value = i + 1 < args.Length ? args[i + 1] : "";
    switch (args[i])
    {
        case "--inputs" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out inputs):
        case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed):
            break;
        case "--target" when targets.Any(target => target.Name == value):
            wanted = value;
            break;
        case "--replay" when value.Length % 2 == 0:
            replay = value;
            break;
        default:
            Console.Error.WriteLine($"fuzz: --inputs N, --seed N, --target {string.Join('|', targets.Select(target => target.Name))}, --replay HEX; not {args[i]} {value}");
            return 2;
    }
}

var good = true;
foreach (var target in targets.Where(target => wanted.Length == 0 || target.Name == wanted))
{
    var fuzzer = new Fuzzer(target, seed);
    good &= replay.Length > 0 ? fuzzer.Try(Convert.FromHexString(replay), isCounted: true) is not null : fuzzer.Run(inputs);
}

return good ? 0 : 1;
