import pg from 'pg';

/**
 * Everything that migrations can make, one line each, sorted. By name, never by oid or position of storage, so
 * that two databases with the same schema give the same text.
 */
const QUERIES = [
  `SELECT format('schema %s owner=%s acl=%s', nspname, nspowner::regrole, nspacl)
     FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'`,
  `SELECT format('relation %s kind=%s persistence=%s owner=%s rls=%s/%s options=%s acl=%s', c.oid::regclass,
          c.relkind, c.relpersistence, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity,
          c.reloptions, ${sortedAcl('c.relacl')})
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${ours('n')}`,
  `SELECT format('column %s.%s type=%s collation=%s notnull=%s default=%s identity=%s generated=%s acl=%s',
          c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation,
          a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, ${sortedAcl('a.attacl')})
     FROM pg_attribute a
     JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE ${ours('n')} AND a.attnum > 0 AND NOT a.attisdropped`,
  `SELECT format('index %s valid=%s', pg_get_indexdef(i.indexrelid), i.indisvalid AND i.indisready)
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${ours('n')}`,
  `SELECT format('constraint %s on %s: %s validated=%s', k.conname, k.conrelid::regclass,
          pg_get_constraintdef(k.oid), k.convalidated)
     FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE ${ours('n')}`,
  `SELECT format('trigger %s enabled=%s', pg_get_triggerdef(t.oid), t.tgenabled)
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${ours('n')} AND NOT t.tgisinternal`,
  `SELECT format('function %s owner=%s acl=%s: %s', p.oid::regprocedure, p.proowner::regrole,
          ${sortedAcl('p.proacl')}, CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END)
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${ours('n')}`,
  `SELECT format('policy %s on %s %s permissive=%s roles=%s using=%s check=%s', polname, polrelid::regclass,
          polcmd, polpermissive, polroles::regrole[], pg_get_expr(polqual, polrelid),
          pg_get_expr(polwithcheck, polrelid))
     FROM pg_policy`,
  `SELECT format('type %s kind=%s acl=%s labels=%s', t.oid::regtype, t.typtype, ${sortedAcl('t.typacl')},
          (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE ${ours('n')}`,
  `SELECT format('sequence %s of %s', s.seqrelid::regclass, pg_get_serial_sequence(d.refobjid::regclass::text,
          a.attname))
     FROM pg_sequence s
     JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
     JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid`,
  `SELECT format('default acl of %s: %s', defaclrole::regrole, ${sortedAcl('defaclacl')}) FROM pg_default_acl`,
  `SELECT format('extension %s %s', extname, extversion) FROM pg_extension`,
  `SELECT format('collation %s', c.oid::regcollation)
     FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE ${ours('n')}`,
];

function ours(namespace: string): string {
  return `${namespace}.nspname !~ '^pg_' AND ${namespace}.nspname <> 'information_schema'`;
}

/** Grants in the order of their text: the catalog keeps them in the order in which they were given. */
function sortedAcl(column: string): string {
  return `(SELECT array_agg(g::text ORDER BY g::text COLLATE "C") FROM unnest(${column}) g)`;
}

/** The catalog of a database as sorted lines. */
export async function dumpCatalog(url: string): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const lines: string[] = [];
    for (const text of QUERIES) {
      const { rows } = await client.query<{ format: string }>(text);
      lines.push(...rows.map(({ format }) => withoutOwnRights(format)));
    }
    return lines.sort();
  } finally {
    await client.end();
  }
}

/** Rights that only its owner has are written out once somebody else had some; they are the same as none written. */
function withoutOwnRights(line: string): string {
  return line.replace(/ acl=\{(\w+)=(?:rwU|arwdDxt)\/\1\}/, ' acl=');
}
