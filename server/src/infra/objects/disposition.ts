/** `Content-Disposition` that saves under a name (RFC 6266): plain ASCII for old clients, RFC 8187 for the others. */
export function contentDisposition(name: string | undefined): string {
  if (name === undefined) return 'attachment';
  const wellFormed = name.toWellFormed();
  const plain = wellFormed.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const extended = encodeURIComponent(wellFormed).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended}`;
}
