using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>Opens connections to the one file, for writing or for reading only.</summary>
internal sealed class SqliteConnections(ValidationOptions options)
{
    private const int ReaderCacheBytes = 2 * 1024 * 1024;

    /// <summary>Pages in the write-ahead log before a commit also moves them to the database file: 16 MiB, so that a page written by many batches is moved once.</summary>
    private const int CheckpointPages = 4_096;

    /// <summary>What is kept of the write-ahead log after a slow reader made it grow.</summary>
    private const int LogBytesKept = 64 * 1024 * 1024;

    public string Path { get; } = System.IO.Path.GetFullPath(options.DatabasePath);

    public string ForCreation => ConnectionString(SqliteOpenMode.ReadWriteCreate);

    public SqliteConnection OpenForWriting() => Open(SqliteOpenMode.ReadWrite, string.Create(CultureInfo.InvariantCulture, $"""
        PRAGMA synchronous = FULL;
        PRAGMA cache_size = -{options.WriterCacheBytes / 1024};
        PRAGMA wal_autocheckpoint = {CheckpointPages};
        PRAGMA journal_size_limit = {LogBytesKept};
        """));

    public SqliteConnection OpenForReading() => Open(SqliteOpenMode.ReadOnly, string.Create(CultureInfo.InvariantCulture, $"""
        PRAGMA query_only = ON;
        PRAGMA cache_size = -{ReaderCacheBytes / 1024};
        """));

    private SqliteConnection Open(SqliteOpenMode mode, string pragmas)
    {
        var connection = new SqliteConnection(ConnectionString(mode));
        try
        {
            connection.Open();
            connection.Execute($"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds};" + pragmas);
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    private string ConnectionString(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = Path,
        Mode = mode,
        Pooling = false,

        // SQLite itself waits for the busy timeout; the client's own loop of sleeps must only not add to it.
        DefaultTimeout = 1,
    }.ToString();
}
