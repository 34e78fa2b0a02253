import { ForkProcess, ForkServerProcess, SpawnProcess, Process } from '@mp/process'; import { noop } from '../fixtures/noop.ts'; import { execFileSync, spawn } from 'node:child_process'; import { once } from 'node:events'; import { Worker } from 'node:worker_threads'; import http from 'node:http'; import fs from 'node:fs'; import dns from 'node:dns'; import zlib from 'node:zlib'; import crypto from 'node:crypto';
if (import.meta.main) {
const srv=http.createServer((q,r)=>r.end('parent')).listen(0); await once(srv,'listening'); const port=(srv.address() as any).port;
console.log(await (await fetch(`http://127.0.0.1:${port}`)).text());
const pre = spawn('sleep',['0.3']); pre.on('exit',()=>console.log('parent child exit seen in', process.pid===me?'parent':'CHILD!')); const me=process.pid;
const cases: Record<string, ()=>unknown> = {
 exec: () => console.log('exec', execFileSync('echo',['hi']).toString().trim()),
 spawn: async () => { const c=spawn('sh',['-c','exit 7']); const [code]=await once(c,'exit'); console.log('spawn exit', code); },
 worker: async () => { const w=new Worker('require("worker_threads").parentPort.postMessage(42)',{eval:true}); const [m]=await once(w,'message'); console.log('worker says', m); await once(w,'exit'); },
 http: async () => { const s=http.createServer((q,r)=>r.end('child')).listen(0); await once(s,'listening'); const r=await fetch(`http://127.0.0.1:${(s.address() as any).port}`); console.log('http', await r.text(), r.headers.get('date')); s.close(); s.closeAllConnections(); },
 fetchParent: async () => { console.log('fetch parent', await (await fetch(`http://127.0.0.1:${port}`)).text()); },
 dns: async () => { console.log('dns', (await dns.promises.lookup('localhost')).address); },
 watch: async () => { const ac=new AbortController(); const it=fs.promises.watch('/tmp',{signal:ac.signal}); setTimeout(()=>fs.writeFileSync('/tmp/zzwatch','x'),20); for await (const e of it) { console.log('watch ok'); break; } },
 nestedSpawn: async () => { const p=new SpawnProcess({target:noop}); await p.start(); await p.join(); console.log('nested spawn', p.exitCode); },
 nestedServer: async () => { const p=new ForkServerProcess({target:noop}); await p.start(); await p.join(); console.log('nested forkserver', p.exitCode); },
 scrypt: async () => { await new Promise<void>(r=>crypto.scrypt('a','b',32,()=>r())); zlib.gzipSync(Buffer.alloc(1e6)); console.log('scrypt ok'); },
 signal: async () => { const p=once(process,'SIGUSR2'); process.kill(process.pid,'SIGUSR2'); await p; console.log('signal ok'); },
 heap: async () => { const v8=await import('node:v8'); v8.writeHeapSnapshot('/tmp/zz.heapsnapshot'); console.log('snapshot ok'); },
 report: () => { console.log('report', (process.report.getReport() as any).header.processId===process.pid); },
 als: () => { console.log('uptime', process.uptime()>0, performance.now()>0); },
 unhandled: () => { void Promise.reject(new Error('unh')); },
 abort: async () => { const s=AbortSignal.timeout(20); await once(s,'abort'); console.log('abortsignal ok'); },
 kill: async()=> { const c=spawn('sleep',['100']); c.kill(); const [,sig]=await once(c,'exit'); console.log('killed', sig); },
 stdin: async()=> { let n=0; for await (const d of process.stdin) n+=d.length; console.log('stdin', n); },
};
for (const [name, target] of Object.entries(cases)) { const p=new ForkProcess({target, name}); await p.start(); if(!(await p.join({timeout:20000}))) { console.log('HUNG', name); p.kill(); await p.join(); } if (p.exitCode!==0) console.log(name, 'exit', p.exitCode, (p.error as any)?.message); }
srv.close(); srv.closeAllConnections();
}
