using Carousel.Stages;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>Which of SQLite's result codes (https://sqlite.org/rescode.html) say that the database is away rather than wrong.</summary>
internal static class SqliteErrors
{
    public const string Dependency = "database";

    private const int Error = 1;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int OutOfMemory = 7;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Protocol = 15;

    /// <summary>Waiting may help: a lock, a full or failing disk, a file that isn't there. Corruption and broken constraints are none of these.</summary>
    public static bool IsUnavailable(SqliteException e) =>
        e.SqliteErrorCode is Busy or Locked or OutOfMemory or ReadOnly or IoError or Full or CannotOpen or Protocol;

    /// <summary>The file is there, but nothing was ever created in it.</summary>
    public static bool IsNotCreatedYet(SqliteException e) => e.SqliteErrorCode == Error && e.Message.Contains("no such table", StringComparison.Ordinal);

    public static DependencyUnavailableException Unavailable(SqliteException e, string path) =>
        new(Dependency, $"The database {path} {Complaint(e.SqliteErrorCode)} (SQLite: {e.Message})", e);

    private static string Complaint(int code) => code switch
    {
        Busy or Locked or Protocol => "is locked by another process; end the program that holds it open for writing.",
        Full => "has no room left to grow; free some disk space.",
        ReadOnly => "can't be written; check the permissions of the file and its folder.",
        CannotOpen => "can't be opened; check that file and folder exist and are writable.",
        OutOfMemory => "couldn't get the memory it needs.",
        _ => "can't be read or written; check the disk.",
    };
}
