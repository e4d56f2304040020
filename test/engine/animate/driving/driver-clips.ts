/** Driving clips for tests: a painted portrait that is turned, lost, doubled and cut by ffmpeg, so that its motion is known. */
import { makeClip, h264, picture } from '../../../clips.ts';
import { paintedPortrait } from '../../../photographs.ts';

/** The head of the painting, 400x400. */
const head = 'crop=420:420:170:60,scale=400:400';
const still = async (rate: string, seconds: number): Promise<string[]> => [
  ...['-loop', '1', '-framerate', rate, '-t', String(seconds), '-i', await paintedPortrait()],
];
const steady = ['-fps_mode', 'cfr', ...h264, '-an'];

export const rollDegrees = 8;
export const rollSeconds = 2;

/** The head rolls `rollDegrees` to either side, once in two seconds; 60 frames at 30000/1001. */
export async function rollingClip(): Promise<string> {
  const turn = `rotate='${rollDegrees}*PI/180*sin(2*PI*t/${rollSeconds})':fillcolor=0x404030`;
  const input = await still('30000/1001', 2.002);
  return await makeClip('mp4', [...input, '-vf', `${head},${turn},fps=30000/1001`, ...steady, '-frames:v', '60']);
}

/** The face is there for 0.6 seconds, gone for as long, there again. 25 frames a second. */
export async function lostClip(): Promise<string> {
  const gone = `[1:v]scale=400:400,setsar=1[gone]`;
  return await makeClip('mp4', [
    ...(await still('25', 1.8)),
    ...picture('testsrc2=s=400x400:r=25:d=2'),
    ...[
      '-filter_complex',
      `[0:v]${head},setsar=1[face];${gone};[face][gone]overlay=enable='between(t,0.59,1.18)'[out]`,
    ],
    ...['-map', '[out]', ...steady, '-frames:v', '45'],
  ]);
}

/** The painting twice, the right one half as large. */
export async function doubledClip(): Promise<string> {
  const graph = `[0:v]${head},split[a][b];[b]scale=200:200,pad=200:400:0:100:0x404030[c];[a][c]hstack`;
  return await makeClip('mp4', [...(await still('25', 0.6)), '-filter_complex', graph, ...steady]);
}

/** Three shots, the head tipped to one side, straight and large, tipped to the other. */
export async function cutClip(): Promise<string> {
  const tipped = (angle: number): string => `rotate=${angle}*PI/180:fillcolor=0x404030`;
  const graph = [
    `[0:v]${head},split=3[a][b][c]`,
    `[a]${tipped(-16)},trim=end=0.48,setpts=PTS-STARTPTS[d]`,
    `[b]crop=280:280,scale=400:400,trim=end=0.48,setpts=PTS-STARTPTS[e]`,
    `[c]${tipped(16)},trim=end=0.48,setpts=PTS-STARTPTS[f]`,
    `[d][e][f]concat=n=3`,
  ].join(';');
  return await makeClip('mp4', [...(await still('25', 0.48)), '-filter_complex', graph, ...steady]);
}

/** A slide show: six pictures of the painting, one every two seconds. */
export async function slideShow(): Promise<string> {
  return await makeClip('mp4', [...(await still('1/2', 12)), '-vf', head, ...steady]);
}

/** Ten minutes of the painting, at 5 frames a second. */
export async function longClip(): Promise<string> {
  const short = await makeClip('mp4', [...(await still('5', 4)), '-vf', head, ...steady, '-g', '20']);
  return await makeClip('mp4', ['-stream_loop', '149', '-i', short, '-c', 'copy']);
}

export async function oneFrameClip(): Promise<string> {
  return await makeClip('mp4', [...(await still('25', 1)), '-vf', head, ...steady, '-frames:v', '1']);
}

export function facelessClip(): Promise<string> {
  return makeClip('mp4', [...picture('mandelbrot=s=320x240:r=25'), '-t', '1', ...steady]);
}
