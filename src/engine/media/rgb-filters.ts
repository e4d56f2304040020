/** The filters that turn stored pictures, of whatever range, matrix and depth, into 8-bit RGB of full range on square pixels. */
import type { VideoStream } from './probe-result.ts';

/** With these a 4:2:0 chart comes back within 1 level; with none within 2 and its chroma in blocks; without full chroma 4 off. */
const exact = 'accurate_rnd+full_chroma_int+full_chroma_inp';

/**
 * The chain for `video`. `turns` are put where they cost least. The matrix and range found by the probe are said outright,
 * since the frames' own tags are missing as often as not.
 */
export function rgbFilters(
  video: Pick<VideoStream, 'color' | 'alpha' | 'pixelFormat' | 'codedWidth' | 'codedHeight'>,
  turns: readonly string[],
  size: { readonly width: number; readonly height: number },
): string[] {
  const { color } = video;
  const shrinks = size.width * size.height * 9 < video.codedWidth * video.codedHeight;
  const scale = [`w=${size.width}:h=${size.height}`, `flags=${shrinks ? 'area' : 'bicubic'}+${exact}`, 'out_range=pc'];
  if (color.hdr) return [...turns, ...toneMap(color.hdr), `scale=${scale.join(':')}:in_range=pc`, 'format=rgb24'];
  if (color.matrix !== 'rgb')
    scale.push(`in_color_matrix=${color.matrix}`, `in_range=${color.range === 'full' ? 'pc' : 'tv'}`);
  if (!video.alpha) return [...turns, `scale=${scale.join(':')}`, 'format=rgb24'];
  return [...turns, `scale=${scale.join(':')}`, 'format=gbrap', ...onWhite, 'format=rgb24'];
}

/** Over black is `alpha * color`; over white is that done to the negative. */
const onWhite = ['negate', 'premultiply=inplace=1', 'negate'];

/** BT.2100 to BT.709 by way of linear light with 100 cd/m2 as white, highlights rolled off by Hable's curve. */
function toneMap(hdr: 'pq' | 'hlg'): string[] {
  const transfer = hdr === 'pq' ? 'smpte2084' : 'arib-std-b67';
  return [
    `zscale=tin=${transfer}:pin=2020:min=2020_ncl:rin=tv:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=709',
    'tonemap=hable:desat=0',
    'zscale=t=709:r=full',
    'format=gbrp16le',
  ];
}
