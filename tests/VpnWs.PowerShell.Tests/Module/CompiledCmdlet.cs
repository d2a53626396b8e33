using System.Management.Automation;
using System.Reflection;

namespace VpnWs.Tests.Module;

/// <summary>A cmdlet as its attributes tell it; read without running any code of PowerShell.</summary>
internal sealed class CompiledCmdlet
{
    private readonly CustomAttributeData _attribute;

    private CompiledCmdlet(Type type, CustomAttributeData attribute)
    {
        Type = type;
        _attribute = attribute;
        Verb = (string)attribute.ConstructorArguments[0].Value!;
        Noun = (string)attribute.ConstructorArguments[1].Value!;
        OutputTypes =
        [
            .. Attributes(type, nameof(OutputTypeAttribute))
                .SelectMany(static data => (IEnumerable<CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)
                .Select(static argument => (Type)argument.Value!),
        ];
        Parameters = [.. Properties(type).Select(static property => new CompiledParameter(property)).Where(static parameter => parameter.Uses.Count > 0)];
    }

    /// <summary>All cmdlets of the module, by name.</summary>
    public static IReadOnlyList<CompiledCmdlet> All { get; } =
    [
        .. ModuleFiles.Compiled.GetTypes()
            .Select(static type => (Type: type, Attribute: Attributes(type, nameof(CmdletAttribute)).SingleOrDefault()))
            .Where(static pair => pair.Attribute is not null)
            .Select(static pair => new CompiledCmdlet(pair.Type, pair.Attribute!))
            .OrderBy(static cmdlet => cmdlet.Name, StringComparer.Ordinal),
    ];

    public Type Type { get; }

    public string Verb { get; }

    public string Noun { get; }

    public string Name => $"{Verb}-{Noun}";

    public bool SupportsShouldProcess => Named<bool>(_attribute, "SupportsShouldProcess");

    public string? DefaultSet => Named<string>(_attribute, "DefaultParameterSetName");

    public IReadOnlyList<Type> OutputTypes { get; }

    public IReadOnlyList<CompiledParameter> Parameters { get; }

    /// <summary>The names of its parameter sets, the default one first; null stands for the only one.</summary>
    public IReadOnlyList<string?> Sets
    {
        get
        {
            var named = Parameters.SelectMany(static parameter => parameter.Uses).Select(static use => use.Set).OfType<string>().Distinct().ToList();
            return named.Count == 0 ? [null] : [.. named.Prepend(DefaultSet ?? named[0]).Distinct()];
        }
    }

    /// <summary>The attributes of a name, as data.</summary>
    public static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name) =>
        member.GetCustomAttributesData().Where(data => data.AttributeType.Name == name);

    /// <summary>A named argument of an attribute, or its default.</summary>
    public static T? Named<T>(CustomAttributeData data, string name) =>
        data.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value is T value ? value : default;

    // By name, so that the order does not depend on which file the compiler saw first.
    private static IOrderedEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.DeclaringType!.Assembly == ModuleFiles.Compiled).OrderBy(static property => property.Name, StringComparer.Ordinal);
}

/// <summary>A parameter as its attributes tell it.</summary>
internal sealed class CompiledParameter(PropertyInfo property)
{
    public PropertyInfo Property => property;

    public string Name => property.Name;

    public bool IsSwitch => property.PropertyType == typeof(SwitchParameter);

    public bool TakesWildcards => CompiledCmdlet.Attributes(property, nameof(SupportsWildcardsAttribute)).Any();

    /// <summary>How it is used in its parameter sets.</summary>
    public IReadOnlyList<ParameterUse> Uses { get; } =
        [.. CompiledCmdlet.Attributes(property, nameof(ParameterAttribute)).Select(static data => new ParameterUse(data))];

    /// <summary>Its use in a set; null where it is not there.</summary>
    public ParameterUse? In(string? set) => Uses.FirstOrDefault(use => use.Set is null || use.Set == set);

    /// <summary>The name of its type as PowerShell's users write it.</summary>
    public string TypeName
    {
        get
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            return type == typeof(Uri) ? "Uri" : type.Name;
        }
    }
}

/// <summary>One Parameter attribute.</summary>
internal sealed class ParameterUse(CustomAttributeData data)
{
    public string? Set { get; } = CompiledCmdlet.Named<string>(data, "ParameterSetName");

    public bool IsMandatory { get; } = CompiledCmdlet.Named<bool>(data, "Mandatory");

    public bool FromPipeline { get; } = CompiledCmdlet.Named<bool>(data, "ValueFromPipeline");

    public int? Position { get; } = data.NamedArguments.Any(static argument => argument.MemberName == "Position") ? CompiledCmdlet.Named<int>(data, "Position") : null;
}
