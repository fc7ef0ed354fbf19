namespace Carousel.Wire.Records;

/// <summary>The attribute bits of a record batch.</summary>
[Flags]
public enum RecordBatchAttributes : short
{
    None = 0,
    CompressionMask = 0x07,
    LogAppendTime = 0x08,
    Transactional = 0x10,
    Control = 0x20,
    DeleteHorizon = 0x40,
}

/// <summary>How the records of a batch are compressed; the values 5 to 7 mean nothing.</summary>
public enum CompressionType : short
{
    None = 0,
    Gzip = 1,
    Snappy = 2,
    Lz4 = 3,
    Zstd = 4,
}
