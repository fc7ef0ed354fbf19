using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Carousel.Validation.Sqlite;

/// <summary>
/// A statement that is compiled once and run often: bind its parameters in their order, then <see cref="Execute"/> it or <see cref="Step"/> through its
/// rows to the end. It talks to SQLite's own interface, because an ADO command looks every parameter up by name on every run, which costs more than
/// the insert itself. After an exception it is only good for disposal. Not thread-safe.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = new byte[256];
    private int _bound;

    public SqliteStatement(SqliteConnection connection, string text)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("A statement needs an open connection.");
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
    }

    public SqliteStatement Bind(long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, ++_bound, number) : raw.sqlite3_bind_null(_statement, ++_bound));
        return this;
    }

    public SqliteStatement Bind(string? value)
    {
        if (value is null)
        {
            return Bind((long?)null);
        }

        int bytesMax = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_text.Length < bytesMax)
        {
            _text = new byte[bytesMax];
        }

        int length = Encoding.UTF8.GetBytes(value, _text);
        Check(raw.sqlite3_bind_text(_statement, ++_bound, _text.AsSpan(0, length)));
        return this;
    }

    public SqliteStatement Bind(byte[] value)
    {
        Check(raw.sqlite3_bind_blob(_statement, ++_bound, value));
        return this;
    }

    /// <returns>Rows changed.</returns>
    public int Execute()
    {
        while (Step())
        {
        }

        return raw.sqlite3_changes(_database);
    }

    /// <summary>The next row, or false after the last; the statement can then be bound anew.</summary>
    public bool Step()
    {
        switch (raw.sqlite3_step(_statement))
        {
            case raw.SQLITE_ROW:
                return true;
            case raw.SQLITE_DONE:
                Reset();
                return false;
            case var code:
                // Names the extended code and SQLite's own words for it.
                SqliteException.ThrowExceptionForRC(code, _database);
                return false;
        }
    }

    /// <summary>Leaves the rest of the rows; ends what the statement reads.</summary>
    public void Reset()
    {
        _bound = 0;
        Check(raw.sqlite3_reset(_statement));
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? IntegerOrNull(int column) => IsNull(column) ? null : Integer(column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public void Dispose() => _statement.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
