namespace Carousel.Wire;

/// <summary>
/// Sees the fields of a message one by one. Each method is given the field's value and answers with the value that the field has from now on:
/// a reader answers with what it read, a writer with what it was given.
/// </summary>
public interface IFieldVisitor
{
    bool Boolean(string name, bool value);

    sbyte Int8(string name, sbyte value);

    short Int16(string name, short value);

    ushort UInt16(string name, ushort value);

    int Int32(string name, int value);

    long Int64(string name, long value);

    double Float64(string name, double value);

    Guid Uuid(string name, Guid value);

    /// <summary>UTF-8, at most 32,767 bytes.</summary>
    string String(string name, string value);

    string? NullableString(string name, string? value);

    /// <summary>Bytes that a reader doesn't copy: they are valid as long as the frame they came from.</summary>
    ReadOnlyMemory<byte> Bytes(string name, ReadOnlyMemory<byte> value);

    ReadOnlyMemory<byte>? NullableBytes(string name, ReadOnlyMemory<byte>? value);

    /// <summary>Record batches, not copied either. Null is read as empty and never written: librdkafka takes it for a broken message (KAFKA-18646).</summary>
    ReadOnlyMemory<byte> Records(string name, ReadOnlyMemory<byte> value);

    T Struct<T>(string name, T value, short version)
        where T : class, IMessage, new();

    T? NullableStruct<T>(string name, T? value, short version)
        where T : class, IMessage, new();

    T[] Array<T>(string name, T[] value, short version)
        where T : class, IMessage, new();

    T[]? NullableArray<T>(string name, T[]? value, short version)
        where T : class, IMessage, new();

    sbyte[] Int8Array(string name, sbyte[] value);

    int[] Int32Array(string name, int[] value);

    int[]? NullableInt32Array(string name, int[]? value);

    long[] Int64Array(string name, long[] value);

    string[] StringArray(string name, string[] value);

    string[]? NullableStringArray(string name, string[]? value);

    Guid[] UuidArray(string name, Guid[] value);

    /// <summary>The end of a structure, where a flexible version has its tagged fields.</summary>
    void EndStruct<T>(T message, short version)
        where T : class, IMessage;
}
