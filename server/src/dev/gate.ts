// Start of a process of the stack: modules are loaded while the database starts, settings come by message.
const [preload, entry] = process.argv.slice(2);
if (!preload || !entry || !process.connected) throw new Error('gate.ts is started by the stack');

const settings = new Promise<Record<string, string>>((resolve) => {
  process.once('message', (message: { env: Record<string, string> }) => resolve(message.env));
});
const leave = () => process.exit(0);
process.once('disconnect', leave);
await import(preload);
Object.assign(process.env, await settings);
process.off('disconnect', leave);
await import(entry);
