module.exports = {
  displayName: 'task-b1',
  preset: '../../jest.preset.js',
};
