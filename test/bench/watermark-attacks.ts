/** What happens to a clip after it was posted: each attack as the ffmpeg runs that a marked clip goes through, one after another. */

/** One run of ffmpeg: words between its input and its output, and the output's ending. */
export interface Pass {
  readonly words: readonly string[];
  readonly ending: string;
}

export interface Attack {
  readonly name: string;
  readonly passes: readonly Pass[];
}

const h264 = (filter: string, crf = 23): Pass => ({
  words: ['-vf', filter, '-an', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(crf), '-pix_fmt', 'yuv420p'],
  ending: 'mp4',
});
const frame = (ending: string, ...words: string[]): Pass => ({
  words: ['-vf', 'select=eq(n\\,30)', '-frames:v', '1', ...words],
  ending,
});
const halved = 'scale=trunc(iw/4)*2:trunc(ih/4)*2:flags=bicubic';
const palette = (width: number): Pass => ({
  words: [
    '-filter_complex',
    `fps=12,scale=${width}:-2:flags=lanczos,split[a][b];[a]palettegen=256[p];[b][p]paletteuse`,
  ],
  ending: 'gif',
});
const vp9: Pass = {
  words: ['-an', '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-crf', '36', '-b:v', '0'],
  ending: 'webm',
};
const webp: Pass = { words: ['-vf', 'fps=12', '-c:v', 'libwebp_anim', '-quality', '60', '-loop', '0'], ending: 'webp' };
const attack = (name: string, ...passes: Pass[]): Attack => ({ name, passes });

/** What a mark shall survive in 99 of 100 clips. */
export const everyday: readonly Attack[] = [
  attack('none'),
  attack('H.264 CRF 18', h264('null', 18)),
  attack('H.264 CRF 23', h264('null')),
  attack('H.264 CRF 28', h264('null', 28)),
  attack('H.264 CRF 28, twice', h264('null', 28), h264('null', 28)),
  attack('half the size', h264(halved)),
  attack('10 % cropped', h264('crop=trunc(iw*0.9/2)*2:trunc(ih*0.9/2)*2:trunc(iw*0.07):trunc(ih*0.02)')),
  attack(
    '10 % cropped and enlarged again',
    h264('crop=trunc(iw*0.9/2)*2:trunc(ih*0.9/2)*2,scale=trunc(iw/0.9/2)*2:trunc(ih/0.9/2)*2'),
  ),
  attack('720 lines, CRF 27', h264('scale=-2:720:flags=bicubic', 27)),
  attack('15 frames a second', h264('fps=15')),
  attack('brightness + 0.1', h264('eq=brightness=0.1')),
  attack('contrast 0.9', h264('eq=contrast=0.9')),
  attack('gamma 1.1', h264('eq=gamma=1.1')),
  attack('blur of 1 pixel', h264('gblur=sigma=1')),
  attack('blur of 2 pixels', h264('gblur=sigma=2')),
  attack('noise', h264('noise=alls=10:allf=t')),
  attack('GIF, 320 pixels, 256 colours', palette(320)),
  attack('one frame as PNG', frame('png')),
  attack('one frame as JPEG', frame('jpg', '-q:v', '6')),
  attack('VP9 CRF 36', vp9),
  attack('animated WebP, quality 60', webp),
  attack('mirrored', h264('hflip')),
  attack('letterboxed', h264('pad=iw:ih+120:0:60')),
  attack('caption over a fifth', h264('drawbox=x=0:y=ih*0.75:w=iw:h=ih*0.2:color=black@0.85:t=fill')),
];

/** What it shall survive in 95 of 100. */
export const harder: readonly Attack[] = [
  attack('480 lines, CRF 28', h264('scale=-2:480:flags=bicubic', 28)),
  attack('720 lines, CRF 27, one frame', h264('scale=-2:720:flags=bicubic', 27), frame('png')),
  attack('3 % wider, 2 % lower', h264('scale=trunc(iw*0.515)*2:trunc(ih*0.49)*2')),
  attack('half the size and back', h264(halved), h264('scale=iw*2:ih*2:flags=bicubic')),
  attack('turned by 1 degree', h264('rotate=PI/180')),
];
