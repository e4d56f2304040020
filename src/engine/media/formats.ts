/**
 * The containers and decoders that the guarded door lets in, by FFmpeg's names. What is not named is refused: playlists
 * and scripts (hls, dash, concat, sdp) because they read other files or the network, drawings (svg) because they can
 * include, consoles and game formats because nobody restores them and their parsers are the least tried.
 */

/** Demuxers of moving pictures and of sound. */
export const demuxers = [
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'flv', 'asf', 'ogg', 'dv'],
  ...['mpeg', 'mpegts', 'mpegvideo', 'm4v', 'gif', 'apng'],
  ...['wav', 'w64', 'mp3', 'aac', 'flac', 'aiff', 'caf', 'ac3', 'eac3'],
] as const;

/** Demuxers of the one still picture that our own label is. */
export const stillDemuxers = ['png_pipe'] as const;

export const videoDecoders = [
  ...[
    'h264',
    'hevc',
    'vp8',
    'libvpx',
    'vp9',
    'libvpx-vp9',
    'av1',
    'libdav1d',
    'libaom-av1',
    'theora',
    'vp6',
    'vp6a',
    'vp6f',
  ],
  ...[
    'mpeg1video',
    'mpeg2video',
    'mpegvideo',
    'mpeg4',
    'msmpeg4v1',
    'msmpeg4v2',
    'msmpeg4',
    'h261',
    'h263',
    'h263i',
    'h263p',
    'flv',
  ],
  ...['wmv1', 'wmv2', 'wmv3', 'vc1', 'mjpeg', 'mjpegb', 'prores', 'dnxhd', 'dvvideo', 'cfhd'],
  ...[
    'svq1',
    'svq3',
    'cinepak',
    'indeo2',
    'indeo3',
    'indeo4',
    'indeo5',
    'rpza',
    'smc',
    '8bps',
    'qtrle',
    'msvideo1',
    'msrle',
  ],
  ...[
    'rawvideo',
    'huffyuv',
    'ffvhuff',
    'ffv1',
    'utvideo',
    'magicyuv',
    'lagarith',
    'v210',
    'v308',
    'v408',
    'v410',
    'yuv4',
  ],
  ...['gif', 'png', 'apng'],
] as const;

export const audioDecoders = [
  ...[
    'aac',
    'aac_fixed',
    'aac_latm',
    'mp3float',
    'mp3',
    'mp2float',
    'mp2',
    'mp1float',
    'mp1',
    'opus',
    'libopus',
    'vorbis',
    'libvorbis',
  ],
  ...['flac', 'alac', 'ac3', 'ac3_fixed', 'eac3', 'dca', 'wmav1', 'wmav2', 'wmapro', 'wmavoice', 'wmalossless'],
  ...[
    'pcm_s8',
    'pcm_u8',
    'pcm_s16le',
    'pcm_s16be',
    'pcm_u16le',
    'pcm_u16be',
    'pcm_s24le',
    'pcm_s24be',
    'pcm_s32le',
    'pcm_s32be',
  ],
  ...[
    'pcm_f32le',
    'pcm_f32be',
    'pcm_f64le',
    'pcm_f64be',
    'pcm_alaw',
    'pcm_mulaw',
    'pcm_dvd',
    'pcm_bluray',
    'pcm_s16le_planar',
  ],
  ...['adpcm_ms', 'adpcm_ima_wav', 'adpcm_ima_qt', 'adpcm_yamaha', 'adpcm_swf', 'gsm', 'gsm_ms', 'amrnb', 'amrwb'],
  ...[
    'libopencore_amrnb',
    'libopencore_amrwb',
    'qdm2',
    'qdmc',
    'mace3',
    'mace6',
    'nellymoser',
    'speex',
    'libspeex',
    'truespeech',
  ],
] as const;

/** Opened by ffprobe beside a picture, never decoded: without them a clip with subtitles could not be looked at. */
export const subtitleDecoders = [
  ...['mov_text', 'subrip', 'srt', 'ass', 'ssa', 'webvtt', 'text', 'dvdsub', 'dvbsub', 'pgssub', 'xsub', 'cc_dec'],
  ...['libzvbi_teletextdec'],
] as const;

/**
 * Demuxers that a person may well have given us under another name, and whose refusal deserves its own sentence. Those of still
 * pictures are not among them: they are no clips, and that is said.
 */
export const refusedDemuxers: ReadonlySet<string> = new Set([
  ...['hls', 'applehttp', 'dash', 'concat', 'imf', 'sdp', 'rtsp', 'ffmetadata', 'webm_dash_manifest', 'lavfi'],
  'svg_pipe',
  ...[
    'mxf',
    'rm',
    'nut',
    'yuv4mpegpipe',
    'swf',
    'bink',
    'smk',
    'ivf',
    'h264',
    'hevc',
    'wtv',
    'nuv',
    'amr',
    'ape',
    'tta',
    'wv',
  ],
]);
