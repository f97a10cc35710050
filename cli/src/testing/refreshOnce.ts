import { Session } from '../auth/session.ts';

// One of the processes of the refresh race: prints the token it ends up with.
const [file = '', apiUrl = '', rejected = ''] = process.argv.slice(2);
const session = new Session({ file, profile: 'default', apiUrl, fetch: async () => fetch });
process.stdout.write(await session.getToken({ rejected }));
process.exit(0);
