using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace VpnWs.Tests.Architecture;

/// <summary>Which types the code of each namespace of a compiled assembly refers to: in signatures, fields, base types, attributes and method bodies.</summary>
internal sealed class CompiledReferences
{
    private static readonly Dictionary<ushort, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value);

    private readonly Assembly _assembly;

    public CompiledReferences(Assembly assembly) => _assembly = assembly;

    /// <summary>Every pair of a namespace of the assembly and a type that its code refers to.</summary>
    public IReadOnlySet<(string Namespace, Type Target)> All()
    {
        var found = new HashSet<(string, Type)>();
        foreach (var type in _assembly.GetTypes())
        {
            if (NamespaceOf(type) is not { } name || !name.StartsWith("VpnWs", StringComparison.Ordinal)) continue;
            foreach (var target in ReferencesOf(type).SelectMany(Parts)) found.Add((name, target));
        }

        return found;
    }

    /// <summary>The assemblies that the assembly was compiled against.</summary>
    public IReadOnlyList<string> Assemblies()
    {
        using var file = new PEReader(File.OpenRead(_assembly.Location));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    /// <summary>The types whose code calls a method of one type by one of these names.</summary>
    public IReadOnlyList<string> CallersOf(Type declaring, params IReadOnlyList<string> names) =>
    [
        .. _assembly.GetTypes().Where(type => Bodies(type).Any(body => Calls(body).Any(called => called.DeclaringType == declaring && names.Contains(called.Name))))
            .Select(type => type.Name).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<MethodBase> Bodies(Type type)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        return type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all)).Where(method => method.GetMethodBody() is not null);
    }

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        return TokensOf(method.GetMethodBody()!.GetILAsByteArray()!).Select(token => method.Module.ResolveMember(token, typeArguments, methodArguments)).OfType<MethodBase>();
    }

    private static string? NamespaceOf(Type type) => (type.DeclaringType is { } outer ? NamespaceOf(outer) : type.Namespace) ?? type.Namespace;

    private static IEnumerable<Type> ReferencesOf(Type type)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.BaseType is { } parent) yield return parent;
        foreach (var contract in type.GetInterfaces()) yield return contract;
        foreach (var field in type.GetFields(all)) yield return field.FieldType;
        foreach (var method in type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all)))
        {
            if (method is MethodInfo { ReturnType: var returned }) yield return returned;
            foreach (var parameter in method.GetParameters()) yield return parameter.ParameterType;
            foreach (var target in BodyReferencesOf(method)) yield return target;
        }
    }

    private static IEnumerable<Type> BodyReferencesOf(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body) yield break;
        foreach (var local in body.LocalVariables) yield return local.LocalType;
        var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        foreach (var token in TokensOf(body.GetILAsByteArray()!))
        {
            switch (method.Module.ResolveMember(token, typeArguments, methodArguments))
            {
                case Type type:
                    yield return type;
                    break;
                case MethodBase called:
                    if (called.DeclaringType is { } declaring) yield return declaring;
                    if (called is MethodInfo { ReturnType: var returned }) yield return returned;
                    break;
                case FieldInfo field:
                    if (field.DeclaringType is { } holder) yield return holder;
                    yield return field.FieldType;
                    break;
            }
        }
    }

    private static IEnumerable<int> TokensOf(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xfe ? (ushort)(0xfe00 | code[at + 1]) : code[at];
            var operation = OpCodesByValue[value];
            at += operation.Size;
            if (operation.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok)
                yield return BitConverter.ToInt32(code, at);
            at += OperandLength(operation.OperandType, code, at);
        }
    }

    private static int OperandLength(OperandType kind, byte[] code, int at) => kind switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType) return Parts(type.GetElementType()!);
        if (type.IsGenericParameter) return [];
        return type.IsGenericType ? [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)] : [type];
    }
}
