using System.Globalization;
using System.IO.Compression;
using Sylvan.Data.Csv;

namespace Carousel.Cli.Loading;

/// <summary>
/// The rows of a CSV file with a header (UTF-8, plain or gzip), one at a time, by the names of the columns wanted.
/// Every complaint is a <see cref="LoadingException"/> that names file, line and column. Lines are counted as an editor does, from 1.
/// </summary>
internal sealed class CsvRows : IDisposable
{
    private static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    private readonly string _path;
    private readonly IReadOnlyList<string> _columns;
    private readonly int[] _ordinals;
    private readonly CsvDataReader _reader;
    private readonly int _fieldCount;
    private long _nextLine = 2;

    private CsvRows(string path, IReadOnlyList<string> columns, CsvDataReader reader)
    {
        _path = path;
        _columns = columns;
        _reader = reader;
        _fieldCount = reader.FieldCount;
        _ordinals = [.. columns.Select(OrdinalOf)];
    }

    /// <summary>Line on which the current row starts.</summary>
    public long Line { get; private set; } = 1;

    public static CsvRows Open(string path, params IReadOnlyList<string> columns)
    {
        Stream? stream = null;
        try
        {
            stream = OpenStream(path);
            var options = new CsvDataReaderOptions { HasHeaders = true, Delimiter = ',', CsvStyle = CsvStyle.Standard, BufferSize = 64 * 1024, OwnsReader = true };
            CsvDataReader reader = CsvDataReader.Create(new StreamReader(stream), options);
            return new CsvRows(path, columns, reader);
        }
        catch (CsvFormatException e)
        {
            stream?.Dispose();
            throw new LoadingException($"{path}, line 1: the header can't be read as CSV ({e.Message}). It must name the columns {string.Join(",", columns)}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            stream?.Dispose();
            throw new LoadingException($"{path} can't be read: {e.Message}", e);
        }
        catch (LoadingException)
        {
            stream?.Dispose();
            throw;
        }
    }

    public bool Read()
    {
        try
        {
            if (!_reader.Read())
            {
                return false;
            }
        }
        catch (Exception e) when (e is CsvFormatException or IOException or InvalidDataException)
        {
            Line = _nextLine;
            throw new LoadingException($"{_path}, line {Line}: the row can't be read as CSV: {e.Message}", e);
        }

        Line = _nextLine;
        _nextLine += Math.Max(1, _reader.GetRawRecordSpan().Count('\n'));
        return _reader.RowFieldCount == _fieldCount
            ? true
            : throw new LoadingException($"{_path}, line {Line}: the row has {_reader.RowFieldCount} columns where the header has {_fieldCount}.");
    }

    public ReadOnlySpan<char> Span(int column) => _reader.GetFieldSpan(_ordinals[column]);

    public string Text(int column) => _reader.GetString(_ordinals[column]);

    public int Integer(int column) =>
        int.TryParse(Span(column), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw Refuse(column, "a whole number");

    /// <summary>The field as it stands, once it is known to be a decimal number such as <c>2.55</c>.</summary>
    public string DecimalText(int column) =>
        decimal.TryParse(Span(column), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? Text(column)
            : throw Refuse(column, "a decimal number such as 2.55");

    public LoadingException Refuse(int column, string wanted) =>
        new($"{_path}, line {Line}, column {_columns[column]}: expected {wanted}, found '{Shortened(Text(column))}'.");

    public void Dispose() => _reader.Dispose();

    private static Stream OpenStream(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, FileOptions.SequentialScan);
        Span<byte> magic = stackalloc byte[GzipMagic.Length];
        bool isGzip = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual(GzipMagic);
        file.Position = 0;
        return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private int OrdinalOf(string column)
    {
        for (int i = 0; i < _fieldCount; i++)
        {
            if (string.Equals(_reader.GetName(i).Trim(), column, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        string found = string.Join(",", Enumerable.Range(0, _fieldCount).Select(_reader.GetName));
        throw new LoadingException(
            $"{_path}, line 1: the header has no column {column}; it must name {string.Join(",", _columns)}, found '{Shortened(found)}'.");
    }
}
