using Carousel.Registry.Server.Catalog;

namespace Carousel.Registry.Server.Apis;

/// <summary>/subjects: what each subject holds, registration, look-up and deletion.</summary>
internal sealed class SubjectsApi(SchemaCatalog catalog, RegistryCommands commands)
{
    /// <summary>The prefix that means every subject in every context.</summary>
    private const string AnyContext = ":*:";

    public void Map(Router route)
    {
        route.Get("/subjects", List);
        route.Get("/subjects/{subject}/versions", Versions);
        route.Get("/subjects/{subject}/versions/{version}", request => SchemaVersionMessage.From(Find(request)));
        route.Get("/subjects/{subject}/versions/{version}/schema", request => new RawJson(Find(request).Text));
        route.Get("/subjects/{subject}/versions/{version}/referencedby", ReferencedBy);
        route.Post("/subjects/{subject}/versions", RegisterAsync);
        route.Post("/subjects/{subject}", LookUpAsync);
        route.Delete("/subjects/{subject}", DeleteSubjectAsync);
        route.Delete("/subjects/{subject}/versions/{version}", DeleteVersionAsync);
    }

    public static string Prefix(ApiRequest request)
    {
        var prefix = request.Text("subjectPrefix");
        return prefix.StartsWith(AnyContext, StringComparison.Ordinal) ? prefix[AnyContext.Length..] : prefix;
    }

    private object List(ApiRequest request)
    {
        var prefix = Prefix(request);
        var deletedToo = request.Flag("deleted");
        var deletedOnly = request.Flag("deletedOnly");
        return catalog.Current.All
            .GroupBy(each => each.Subject, StringComparer.Ordinal)
            .Where(each => each.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Where(each => each.All(version => version.IsDeleted) ? deletedToo || deletedOnly : !deletedOnly)
            .Select(each => each.Key)
            .ToList();
    }

    private object Versions(ApiRequest request)
    {
        var deletedToo = request.Flag("deleted");
        var deletedOnly = request.Flag("deletedOnly");
        var versions = catalog.Current.Versions(request.Subject)
            .Where(each => each.IsDeleted ? deletedToo || deletedOnly : !deletedOnly)
            .Select(each => each.Version)
            .ToList();
        return versions.Count > 0 ? versions : throw RegistryException.SubjectNotFound(request.Subject);
    }

    private object ReferencedBy(ApiRequest request)
    {
        var version = request.Version.Of(catalog.Current, request.Subject, includeDeleted: true);
        return catalog.Current.ReferrersOf(version.Subject, version.Version).Select(each => each.Id).Distinct().Order().ToList();
    }

    private async Task<object> RegisterAsync(ApiRequest request)
    {
        var body = await request.ReadBodyAsync<SchemaRequest>();
        var schema = body.ToNewSchema(request.Flag("normalize"));
        return new SchemaIdMessage(await commands.RegisterAsync(request.Subject, schema, request.Aborted));
    }

    private async Task<object> LookUpAsync(ApiRequest request)
    {
        var body = await request.ReadBodyAsync<SchemaRequest>();
        var text = body.RequireAvro();
        var references = body.RequireReferences();
        var deletedToo = request.Flag("deleted");
        var snapshot = catalog.Current;
        var versions = snapshot.Versions(request.Subject).Where(each => deletedToo || !each.IsDeleted).ToList();
        if (versions.Count == 0)
        {
            throw RegistryException.SubjectNotFound(request.Subject);
        }

        var key = SchemaSource.Parse(snapshot, text, references).Json.Key(references);
        var found = versions.FindLast(each => each.Key == key && !each.IsDeleted) ?? versions.FindLast(each => each.Key == key);
        return SchemaVersionMessage.From(found ?? throw RegistryException.SchemaNotFound($"as sent, under subject '{request.Subject}',"));
    }

    private async Task<object> DeleteSubjectAsync(ApiRequest request)
    {
        return await commands.DeleteSubjectAsync(request.Subject, request.Flag("permanent"), request.Aborted);
    }

    private async Task<object> DeleteVersionAsync(ApiRequest request)
    {
        return await commands.DeleteVersionAsync(request.Subject, request.Version, request.Flag("permanent"), request.Aborted);
    }

    private SchemaVersion Find(ApiRequest request)
    {
        return request.Version.Of(catalog.Current, request.Subject, request.Flag("deleted"));
    }
}
