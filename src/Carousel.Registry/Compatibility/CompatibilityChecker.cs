using System.Runtime.CompilerServices;
using Avro;
using Carousel.Registry.Schemas;

namespace Carousel.Registry.Compatibility;

/// <summary>
/// Says why a reader's schema can't read what a writer's schema wrote, by the rules of Avro's schema resolution.
/// It walks both schemas once; a pair of types under way counts as compatible, which is what makes recursive types end.
/// It is stricter than Avro's own check in two points, because both turn into wrong money or wrong names without any error:
/// names are compared in full (Apache.Avro for C# resolves them so), and logical types must agree (<see cref="LogicalTypes"/>).
/// </summary>
internal sealed class CompatibilityChecker
{
    private static readonly IReadOnlyList<Incompatibility> None = [];

    private readonly CheckRoles _roles;
    private readonly IReadOnlyDictionary<string, IReadOnlySet<string>> _readerAliases;
    private readonly Dictionary<(Schema Reader, Schema Writer), IReadOnlyList<Incompatibility>> _incompatible = new(PairComparer.Instance);
    private readonly HashSet<(Schema Reader, Schema Writer)> _compatible = new(PairComparer.Instance);

    private readonly Dictionary<UnionSchema, ILookup<string, Schema>> _choices = new(ReferenceEqualityComparer.Instance);

    // The order in which pairs were found (or assumed) compatible: what rested on an assumption that broke is forgotten.
    private readonly Stack<(Schema Reader, Schema Writer)> _assumed = new();

    private CompatibilityChecker(CheckRoles roles, IReadOnlyDictionary<string, IReadOnlySet<string>> readerAliases)
    {
        _roles = roles;
        _readerAliases = readerAliases;
    }

    /// <summary>Empty when <paramref name="reader"/> can read everything that <paramref name="writer"/> writes.</summary>
    /// <exception cref="SchemaSyntaxException">The types are nested deeper than the stack allows.</exception>
    public static IReadOnlyList<Incompatibility> Check(ParsedSchema reader, ParsedSchema writer, CheckRoles roles)
    {
        try
        {
            var found = new CompatibilityChecker(roles, reader.Aliases).Compare(reader.Schema, writer.Schema, string.Empty);
            return [.. found.Select(each => each.Path.Length == 0 ? each with { Path = "/" } : each).Distinct()];
        }
        catch (InsufficientExecutionStackException exception)
        {
            throw new SchemaSyntaxException("The schema's types are nested too deeply to be compared; flatten them.", exception);
        }
    }

    private IReadOnlyList<Incompatibility> Compare(Schema reader, Schema writer, string path)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var pair = (reader, writer);
        if (_compatible.Contains(pair))
        {
            return None;
        }

        if (_incompatible.TryGetValue(pair, out var known))
        {
            return known;
        }

        var assumptionsBefore = _assumed.Count;
        _compatible.Add(pair);
        _assumed.Push(pair);
        var found = CompareNew(reader, writer, path);
        if (found.Count > 0)
        {
            while (_assumed.Count > assumptionsBefore)
            {
                _compatible.Remove(_assumed.Pop());
            }

            _incompatible[pair] = found;
        }

        return found;
    }

    private IReadOnlyList<Incompatibility> CompareNew(Schema reader, Schema writer, string path)
    {
        if (writer is UnionSchema written)
        {
            return ReadUnion(reader, written, path);
        }

        if (reader is UnionSchema choices)
        {
            return ReadIntoUnion(choices, writer, path);
        }

        if (LogicalTypes.Conflict(reader, writer) is { } conflict)
        {
            return [new Incompatibility(IncompatibilityKind.TypeMismatch, path, $"{Reader} reads {conflict.Reader} where {_roles.Writer} "
                + $"writes {conflict.Writer}, and would take the same bytes for another value: {KeepOrAdd(conflict.Writer, conflict.Reader)}.")];
        }

        reader = LogicalTypes.Base(reader);
        writer = LogicalTypes.Base(writer);
        return (reader, writer) switch
        {
            (RecordSchema read, RecordSchema wrote) => CompareRecords(read, wrote, path),
            (EnumSchema read, EnumSchema wrote) => CompareEnums(read, wrote, path),
            (FixedSchema read, FixedSchema wrote) => CompareFixed(read, wrote, path),
            (ArraySchema read, ArraySchema wrote) => Compare(read.ItemSchema, wrote.ItemSchema, path + "/items"),
            (MapSchema read, MapSchema wrote) => Compare(read.ValueSchema, wrote.ValueSchema, path + "/values"),
            _ when reader.Tag == writer.Tag || IsPromotion(reader.Tag, writer.Tag) => None,
            _ => [new Incompatibility(IncompatibilityKind.TypeMismatch, path, $"{Reader} reads {Describe(reader)} where {_roles.Writer} "
                + $"writes {Describe(writer)}, which can't become one: {KeepOrAdd(Describe(writer), Describe(reader))}.")],
        };
    }

    // Each branch that may have been written has to find its reader.
    private List<Incompatibility> ReadUnion(Schema reader, UnionSchema written, string path)
    {
        var found = new OrderedSet();
        for (var branch = 0; branch < written.Count; branch++)
        {
            var here = reader is UnionSchema ? $"{path}/{branch}" : path;
            found.AddRange(Compare(reader, written[branch], here));
        }

        return found.Items;
    }

    private IReadOnlyList<Incompatibility> ReadIntoUnion(UnionSchema choices, Schema writer, string path)
    {
        IReadOnlyList<Incompatibility>? nearest = null;
        foreach (var choice in ChoicesFor(choices, writer))
        {
            var found = Compare(choice, writer, path);
            if (found.Count == 0)
            {
                return None;
            }

            // The branch that was meant, by type and name, tells more than "no branch fits".
            if (nearest is null && LogicalTypes.Base(choice).Tag == LogicalTypes.Base(writer).Tag)
            {
                nearest = found;
            }
        }

        return nearest ?? [new Incompatibility(IncompatibilityKind.MissingUnionBranch, path, $"{Writer} may write {Describe(writer)}, "
            + $"for which the union that {_roles.Reader} reads has no branch: "
            + (_roles.NewReads ? $"add {Describe(writer)} to the union" : $"leave {Describe(writer)} out until every reader has the branch") + ".")];
    }

    private List<Incompatibility> CompareRecords(RecordSchema reader, RecordSchema writer, string path)
    {
        var found = new OrderedSet();
        found.AddRange(CompareNames(reader, writer, path));
        for (var index = 0; index < reader.Fields.Count; index++)
        {
            var field = reader.Fields[index];
            if (FindWritten(field, writer) is { } written)
            {
                found.AddRange(Compare(field.Schema, written.Schema, $"{path}/fields/{index}/type"));
            }
            else if (field.DefaultValue is null)
            {
                found.Add(new Incompatibility(IncompatibilityKind.ReaderFieldMissingDefaultValue, $"{path}/fields/{index}",
                    $"{Reader} needs field '{field.Name}' of record {reader.Fullname}, which {_roles.Writer} doesn't write, and has no default for it: "
                    + (_roles.NewReads
                        ? "give the field a default, or an alias if it was renamed."
                        : $"keep '{field.Name}' in the new schema, for readers with {_roles.Reader} can't do without.")));
            }
        }

        return found.Items;
    }

    private static Field? FindWritten(Field field, RecordSchema writer)
    {
        if (writer.TryGetField(field.Name, out var written))
        {
            return written;
        }

        foreach (var alias in field.Aliases ?? [])
        {
            if (writer.TryGetField(alias, out written))
            {
                return written;
            }
        }

        return null;
    }

    private List<Incompatibility> CompareEnums(EnumSchema reader, EnumSchema writer, string path)
    {
        var found = new List<Incompatibility>(CompareNames(reader, writer, path));
        if (string.IsNullOrEmpty(reader.Default))
        {
            var known = new HashSet<string>(reader.Symbols, StringComparer.Ordinal);
            var missing = string.Join(", ", writer.Symbols.Where(each => !known.Contains(each)));
            if (missing.Length > 0)
            {
                found.Add(new Incompatibility(IncompatibilityKind.MissingEnumSymbols, path + "/symbols",
                    $"{Writer} may write {missing}, which enum {reader.Fullname} of {_roles.Reader} doesn't know and has no default for: "
                    + (_roles.NewReads ? "keep the symbols, or give the enum a default." : "leave the symbols out until every reader knows them.")));
            }
        }

        return found;
    }

    private List<Incompatibility> CompareFixed(FixedSchema reader, FixedSchema writer, string path)
    {
        var found = new List<Incompatibility>(CompareNames(reader, writer, path));
        if (reader.Size != writer.Size)
        {
            found.Add(new Incompatibility(IncompatibilityKind.FixedSizeMismatch, path + "/size",
                $"{Reader} reads {reader.Size} bytes for fixed {reader.Fullname} where {_roles.Writer} writes {writer.Size}: "
                + "keep the size, or add a field of another type for the new one."));
        }

        return found;
    }

    private IEnumerable<Incompatibility> CompareNames(NamedSchema reader, NamedSchema writer, string path)
    {
        if (!IsSameName(reader, writer))
        {
            yield return new Incompatibility(IncompatibilityKind.NameMismatch, path + "/name",
                $"{Reader} reads {Describe(reader)} where {_roles.Writer} writes {Describe(writer)}: "
                + (_roles.NewReads ? $"keep the name, or add \"{writer.Fullname}\" to its aliases." : $"keep the name {reader.Fullname}."));
        }
    }

    private bool IsSameName(NamedSchema reader, NamedSchema writer)
    {
        return reader.Fullname == writer.Fullname
            || (_readerAliases.TryGetValue(reader.Fullname, out var aliases) && aliases.Contains(writer.Fullname));
    }

    // A named type fits only a branch of its name, and a union may have thousands: trying them all for each would take their square.
    private IEnumerable<Schema> ChoicesFor(UnionSchema choices, Schema writer)
    {
        if (!_choices.TryGetValue(choices, out var byName))
        {
            byName = choices.Schemas
                .SelectMany(choice => NamesOf(LogicalTypes.Base(choice)).Select(name => (Name: name, Choice: choice)))
                .ToLookup(each => each.Name, each => each.Choice, StringComparer.Ordinal);
            _choices[choices] = byName;
        }

        return byName[LogicalTypes.Base(writer) is NamedSchema named ? named.Fullname : string.Empty];
    }

    // Types without a name of their own share the empty one.
    private IEnumerable<string> NamesOf(Schema reader)
    {
        return reader is NamedSchema named
            ? _readerAliases.TryGetValue(named.Fullname, out var aliases) ? aliases.Prepend(named.Fullname) : [named.Fullname]
            : [string.Empty];
    }

    // Avro specification 1.12, "Schema Resolution".
    private static bool IsPromotion(Schema.Type reader, Schema.Type writer)
    {
        return (reader, writer) is
            (Schema.Type.Long or Schema.Type.Float or Schema.Type.Double, Schema.Type.Int)
            or (Schema.Type.Float or Schema.Type.Double, Schema.Type.Long)
            or (Schema.Type.Double, Schema.Type.Float)
            or (Schema.Type.String, Schema.Type.Bytes)
            or (Schema.Type.Bytes, Schema.Type.String);
    }

    private string Reader => AtStart(_roles.Reader);

    private string Writer => AtStart(_roles.Writer);

    private static string AtStart(string words)
    {
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    private string KeepOrAdd(string written, string read)
    {
        return _roles.NewReads
            ? $"keep {written}, or add a new field with a default for {read}"
            : $"keep {read}, or write {written} into a new field";
    }

    private static string Describe(Schema schema)
    {
        return schema switch
        {
            NamedSchema named => $"{KindOf(named)} {named.Fullname}",
            ArraySchema => "an array",
            MapSchema => "a map",
            LogicalSchema logical => LogicalTypes.Describe(logical),
            { Tag: Schema.Type.Int } => "an int",
            _ => $"a {schema.Name}",
        };
    }

    private static string KindOf(NamedSchema schema)
    {
        return schema switch { RecordSchema => "record", EnumSchema => "enum", _ => "fixed" };
    }

    // Types that are used in many places bring the same violations along each way; without this they would double at each step.
    private sealed class OrderedSet
    {
        private readonly HashSet<Incompatibility> _seen = new(ReferenceEqualityComparer.Instance);

        public List<Incompatibility> Items { get; } = [];

        public void Add(Incompatibility item)
        {
            if (_seen.Add(item))
            {
                Items.Add(item);
            }
        }

        public void AddRange(IEnumerable<Incompatibility> items)
        {
            foreach (var item in items)
            {
                Add(item);
            }
        }
    }

    // By reference: Avro's own equality walks whole schemas, and a schema object is one place in one schema.
    private sealed class PairComparer : IEqualityComparer<(Schema Reader, Schema Writer)>
    {
        public static PairComparer Instance { get; } = new();

        public bool Equals((Schema Reader, Schema Writer) x, (Schema Reader, Schema Writer) y)
        {
            return ReferenceEquals(x.Reader, y.Reader) && ReferenceEquals(x.Writer, y.Writer);
        }

        public int GetHashCode((Schema Reader, Schema Writer) pair)
        {
            return HashCode.Combine(RuntimeHelpers.GetHashCode(pair.Reader), RuntimeHelpers.GetHashCode(pair.Writer));
        }
    }
}
