using System.Collections.Concurrent;
using Avro;
using Avro.Generic;

namespace Carousel.Orders.Avro;

/// <summary>What was found instead of a value: a stable reason of <see cref="DeadLetterReasons"/> and a sentence.</summary>
public sealed record ValueDefect(string Reason, string Detail);

/// <summary>A value that was read, or why it couldn't be: one of the two is null.</summary>
public readonly record struct Decoded<T>(T? Value, ValueDefect? Defect)
    where T : class;

/// <summary>A value doesn't conform to the schema of its topic and was written nowhere.</summary>
public sealed class ValueRefusedException(string message, Exception innerException) : Exception(message, innerException);

/// <summary>
/// Writes and reads the values of one topic in Confluent's wire format. Writing goes through the registered schema and refuses what doesn't conform;
/// reading resolves whatever compatible schema the writer had. Thread-safe. Only a registry that must be asked and is away throws on reading.
/// </summary>
public sealed class ValueCodec<T>
    where T : class
{
    private readonly SchemaDefinition _definition;
    private readonly ValueFormat<T> _format;
    private readonly ISchemaRegistry _registry;

    // Bounded by what the registry hands out for the subjects in use; ids that it doesn't know never get here.
    private readonly ConcurrentDictionary<int, WriterSchema> _writerSchemas = new();
    private int _schemaId = -1;

    internal ValueCodec(SchemaDefinition definition, ValueFormat<T> format, ISchemaRegistry registry)
    {
        _definition = definition;
        _format = format;
        _registry = registry;
    }

    /// <summary>Registers the schema ahead of the first value, so that a service learns at its start whether the registry takes it.</summary>
    /// <exception cref="RegistryUnavailableException">The registry gave no answer.</exception>
    /// <exception cref="SchemaRefusedException">The registry refused the schema.</exception>
    public async ValueTask RegisterAsync(CancellationToken cancellationToken) =>
        _schemaId = await _registry.RegisterAsync(_definition, cancellationToken);

    /// <summary>The value in wire format; the caller owns the array.</summary>
    /// <exception cref="ValueRefusedException">The value doesn't conform to the schema.</exception>
    /// <exception cref="RegistryUnavailableException">The schema isn't registered yet, and the registry gave no answer.</exception>
    public async ValueTask<byte[]> EncodeAsync(T value, CancellationToken cancellationToken)
    {
        if (_schemaId < 0)
        {
            await RegisterAsync(cancellationToken);
        }

        return Encode(value);
    }

    /// <summary>The value that these bytes hold, or what is wrong with them.</summary>
    /// <exception cref="RegistryUnavailableException">The writer's schema isn't cached, and the registry gave no answer.</exception>
    public async ValueTask<Decoded<T>> DecodeAsync(ReadOnlyMemory<byte>? value, CancellationToken cancellationToken)
    {
        if (value is not { } bytes)
        {
            return Defect(DeadLetterReasons.Malformed, "the record has no value (null)");
        }

        if (!WireFormat.TryRead(bytes, out int schemaId, out ReadOnlyMemory<byte> body, out string defect))
        {
            return Defect(DeadLetterReasons.Malformed, defect);
        }

        if (!_writerSchemas.TryGetValue(schemaId, out WriterSchema? writer))
        {
            Schema? schema = await _registry.FindAsync(schemaId, cancellationToken);
            if (schema is null)
            {
                return Defect(DeadLetterReasons.UnknownSchema, $"the registry knows no schema with id {schemaId}");
            }

            writer = _writerSchemas.GetOrAdd(schemaId, WriterSchema.Resolve(schemaId, schema, _format));
        }

        return writer.Read is { } read ? Read(read, body) : new Decoded<T>(null, writer.Defect);
    }

    private byte[] Encode(T value)
    {
        using var encoder = new BufferEncoder();
        try
        {
            _format.Write(value, encoder);
        }
        catch (Exception e) when (IsAboutTheValue(e))
        {
            throw new ValueRefusedException($"The value doesn't conform to the schema of {_definition.Subject}: {e.Message}", e);
        }

        return encoder.ToValue(_schemaId);
    }

    private Decoded<T> Read(Func<BoundedDecoder, T> read, ReadOnlyMemory<byte> body)
    {
        var decoder = new BoundedDecoder(body);
        try
        {
            T value = read(decoder);
            return decoder.BytesLeft == 0
                ? new Decoded<T>(value, null)
                : Defect(DeadLetterReasons.Malformed, $"{decoder.BytesLeft} bytes are left over after the value");
        }
        catch (Exception e) when (IsAboutTheValue(e))
        {
            return Defect(DeadLetterReasons.Malformed, $"the body can't be read as {_format.Schema.Fullname}: {e.Message}");
        }
    }

    /// <summary>What Apache.Avro and the mapping throw about bytes or values; encoding and decoding do no I/O that could fail otherwise.</summary>
    private static bool IsAboutTheValue(Exception e) =>
        e is AvroException or FormatException or OverflowException or ArgumentException or InvalidCastException or IndexOutOfRangeException or NullReferenceException;

    private static Decoded<T> Defect(string reason, string detail) => new(null, new ValueDefect(reason, detail));

    /// <summary>A writer's schema as met: how its values are read, or why they can't be.</summary>
    private sealed record WriterSchema(Func<BoundedDecoder, T>? Read, ValueDefect? Defect)
    {
        public static WriterSchema Resolve(int schemaId, Schema writer, ValueFormat<T> format)
        {
            RecordSchema reader = format.Schema;
            if (SchemaShape.IsRecursive(writer))
            {
                // A recursive schema nests as deep as the bytes say, which could exhaust the stack.
                return Refused($"schema {schemaId} is recursive, which no order schema is");
            }

            if (SchemaShape.HaveSameBytes(writer, reader))
            {
                return new WriterSchema(format.Read, null);
            }

            if (!reader.CanRead(writer))
            {
                return Refused($"schema {schemaId} can't be read as {reader.Fullname}");
            }

            try
            {
                var resolving = new GenericDatumReader<GenericRecord>(writer, reader);
                return new WriterSchema(decoder => format.FromRecord(resolving.Read(null!, decoder)), null);
            }
            catch (AvroException e)
            {
                return Refused($"schema {schemaId} can't be read as {reader.Fullname}: {e.Message}");
            }
        }

        private static WriterSchema Refused(string detail) => new(null, new ValueDefect(DeadLetterReasons.IncompatibleSchema, detail));
    }
}
