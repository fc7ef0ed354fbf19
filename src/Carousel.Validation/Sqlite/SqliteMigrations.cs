using Carousel.Stages;
using Dapper;
using DbUp;
using DbUp.Engine;
using DbUp.Sqlite;
using Microsoft.Data.Sqlite;

namespace Carousel.Validation.Sqlite;

/// <summary>Brings the database to the schema of this version: creates it, or runs the scripts it hasn't seen. Its journal is the table schema_version.</summary>
internal static class SqliteMigrations
{
    /// <summary>Two processes may start at once on a new file; whoever comes second finds the script done when it looks again.</summary>
    private const int AttemptsMax = 3;

    /// <exception cref="DependencyUnavailableException">The file can't be opened, locked or written.</exception>
    public static void Run(SqliteConnections connections)
    {
        string? folder = Path.GetDirectoryName(connections.Path);
        if (!Directory.Exists(folder))
        {
            throw new DependencyUnavailableException(SqliteErrors.Dependency, $"The folder {folder} of the database doesn't exist; create it, or name another with --data.");
        }

        try
        {
            UseWriteAheadLog(connections);
            Upgrade(connections);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnavailable(e))
        {
            throw SqliteErrors.Unavailable(e, connections.Path);
        }
    }

    private static void UseWriteAheadLog(SqliteConnections connections)
    {
        using var connection = new SqliteConnection(connections.ForCreation);
        connection.Open();
        string? mode = connection.ExecuteScalar<string>("PRAGMA journal_mode = WAL");
        if (mode != "wal")
        {
            throw new InvalidOperationException(
                $"The database {connections.Path} can't use a write-ahead log (journal mode stays {mode}); put it on a local disk that supports shared memory.");
        }
    }

    private static void Upgrade(SqliteConnections connections)
    {
        UpgradeEngine engine = DeployChanges.To
            .SqliteDatabase(connections.ForCreation)
            .WithScriptsEmbeddedInAssembly(typeof(SqliteMigrations).Assembly, name => name.Contains(".Sqlite.Scripts.", StringComparison.Ordinal))
            .JournalTo((manager, log) => new SqliteTableJournal(manager, log, "schema_version"))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();
        for (int attempt = 1; engine.IsUpgradeRequired(); attempt++)
        {
            DatabaseUpgradeResult result = engine.PerformUpgrade();
            if (!result.Successful && attempt == AttemptsMax)
            {
                throw new InvalidOperationException($"The database {connections.Path} can't be brought to this version's schema: script {result.ErrorScript?.Name} failed.", result.Error);
            }
        }
    }
}
