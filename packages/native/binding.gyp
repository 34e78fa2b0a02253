{
  'targets': [
    {
      'target_name': 'mp_native',
      'sources': ["<!@(node -p \"require('fs').readdirSync('src/addon').filter((f) => f.endsWith('.c')).map((f) => 'src/addon/' + f).join(' ')\")"],
      # One list for this build and for the prebuilt packages; scripts/compiler-flags.json says what each is for.
      'cflags': ["<!@(node -p \"require('./scripts/compiler-flags.json').compile.join(' ')\")"],
      'cflags!': ['-O3', '-fno-omit-frame-pointer'],
      'ldflags': ["<!@(node -p \"require('./scripts/compiler-flags.json').link.join(' ')\")"],
      'defines': ['NAPI_VERSION=9'],
    },
  ],
}
