{
  'targets': [
    {
      'target_name': 'mp_native',
      'sources': ["<!@(node -p \"require('fs').readdirSync('src/addon').filter((f) => f.endsWith('.c')).map((f) => 'src/addon/' + f).join(' ')\")"],
      # One list for this build and for the prebuilt packages; scripts/compiler-flags.json.
      'cflags': ["<!@(node -p \"require('./scripts/compiler-flags.json').compile.concat(require('./scripts/targets.json')[process.platform + '-' + process.arch].compile).join(' ')\")"],
      'cflags!': ['-O3', '-fno-omit-frame-pointer'],
      'ldflags': ["<!@(node -p \"require('./scripts/compiler-flags.json').link.join(' ')\")"],
      'defines': ['NAPI_VERSION=9'],
      # They would turn open into open64, and so on, which musl does not have. Offsets have 64 bits anyway.
      'defines!': ['_FILE_OFFSET_BITS=64', '_LARGEFILE_SOURCE'],
    },
  ],
}
